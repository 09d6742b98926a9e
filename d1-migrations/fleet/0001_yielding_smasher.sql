CREATE TABLE `releases` (
	`digest` text PRIMARY KEY NOT NULL,
	`version` text NOT NULL,
	`security_counter` integer NOT NULL,
	`size` integer NOT NULL,
	`hardware_revision` integer NOT NULL,
	`manifest` blob NOT NULL,
	`published_at` integer NOT NULL,
	`published_by` text NOT NULL,
	`audit_index` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `releases_by_version` ON `releases` (`hardware_revision`,`version`);--> statement-breakpoint
CREATE TABLE `rollouts` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`digest` text NOT NULL,
	`hardware_revision` integer NOT NULL,
	`stores` text,
	`percentage` integer NOT NULL,
	`state` text NOT NULL,
	`started_at` integer NOT NULL,
	`started_by` text NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `rollouts_open` ON `rollouts` (`hardware_revision`) WHERE state <> 'ended';