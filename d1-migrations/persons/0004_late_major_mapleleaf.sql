CREATE TABLE `raw_read_uses` (
	`request` text PRIMARY KEY NOT NULL,
	`used` integer NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `raw_read_uses_by_end` ON `raw_read_uses` (`expires`);--> statement-breakpoint
CREATE TABLE `record_versions` (
	`holder` text PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`seen` integer NOT NULL
);
