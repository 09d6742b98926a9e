CREATE TABLE `persons` (
	`id` text PRIMARY KEY NOT NULL,
	`subject_index` text,
	`index_key_version` integer,
	`email` text,
	`name` text,
	`phone` text,
	`address` text,
	`nickname` text,
	`created` integer NOT NULL,
	`changed` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `persons_subject_index_unique` ON `persons` (`subject_index`);