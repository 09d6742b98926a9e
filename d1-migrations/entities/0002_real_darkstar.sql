CREATE TABLE `erasures` (
	`request` text NOT NULL,
	`store` text NOT NULL,
	`records` integer NOT NULL,
	`begun` integer NOT NULL,
	PRIMARY KEY(`request`, `store`)
);
