CREATE TABLE `forgotten` (
	`request` text PRIMARY KEY NOT NULL,
	`tokens` integer NOT NULL,
	`answers` integer NOT NULL,
	`cards` integer NOT NULL,
	`at` integer NOT NULL
);
