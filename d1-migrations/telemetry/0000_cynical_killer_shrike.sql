CREATE TABLE `daily` (
	`store` text NOT NULL,
	`day` text NOT NULL,
	`trips` integer DEFAULT 0 NOT NULL,
	`scans` integer DEFAULT 0 NOT NULL,
	`removals` integer DEFAULT 0 NOT NULL,
	`holds` integer DEFAULT 0 NOT NULL,
	`faults` integer DEFAULT 0 NOT NULL,
	`abandoned` integer DEFAULT 0 NOT NULL,
	`walked_out` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`store`, `day`)
);
--> statement-breakpoint
CREATE TABLE `segments` (
	`key` text PRIMARY KEY NOT NULL,
	`object` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `takings` (
	`store` text NOT NULL,
	`day` text NOT NULL,
	`currency` text NOT NULL,
	`minor` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`store`, `day`, `currency`)
);
