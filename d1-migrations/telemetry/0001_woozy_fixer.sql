CREATE TABLE `monthly` (
	`store` text NOT NULL,
	`month` text NOT NULL,
	`trips` integer DEFAULT 0 NOT NULL,
	`scans` integer DEFAULT 0 NOT NULL,
	`removals` integer DEFAULT 0 NOT NULL,
	`holds` integer DEFAULT 0 NOT NULL,
	`faults` integer DEFAULT 0 NOT NULL,
	`abandoned` integer DEFAULT 0 NOT NULL,
	`walked_out` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`store`, `month`)
);
--> statement-breakpoint
CREATE TABLE `monthly_takings` (
	`store` text NOT NULL,
	`month` text NOT NULL,
	`currency` text NOT NULL,
	`minor` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`store`, `month`, `currency`)
);
--> statement-breakpoint
ALTER TABLE `segments` ADD `day` text;--> statement-breakpoint
CREATE INDEX `segments_by_day` ON `segments` (`day`);