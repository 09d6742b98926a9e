CREATE TABLE `fiscal_holds` (
	`reference` text PRIMARY KEY NOT NULL,
	`store` text NOT NULL,
	`jurisdiction` text NOT NULL,
	`record_class` text NOT NULL,
	`law` text NOT NULL,
	`fields` text NOT NULL,
	`record` text NOT NULL,
	`begun` integer NOT NULL,
	`until` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `fiscal_holds_by_end` ON `fiscal_holds` (`until`);