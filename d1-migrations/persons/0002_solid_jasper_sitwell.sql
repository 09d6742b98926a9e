CREATE TABLE `access_parts` (
	`request` text NOT NULL,
	`store` text NOT NULL,
	`part` integer NOT NULL,
	`person` text NOT NULL,
	`sealed` text NOT NULL,
	`records` integer NOT NULL,
	`expires` integer NOT NULL,
	PRIMARY KEY(`request`, `store`, `part`)
);
--> statement-breakpoint
CREATE INDEX `access_parts_by_person` ON `access_parts` (`person`);--> statement-breakpoint
CREATE INDEX `access_parts_by_end` ON `access_parts` (`expires`);