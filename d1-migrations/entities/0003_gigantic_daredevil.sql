CREATE TABLE `key_versions` (
	`key` text NOT NULL,
	`version` integer NOT NULL,
	`check_value` text NOT NULL,
	`introduced` integer NOT NULL,
	`activated` integer,
	`retired` integer,
	PRIMARY KEY(`key`, `version`)
);
--> statement-breakpoint
ALTER TABLE `card_references` ADD `id` text;--> statement-breakpoint
ALTER TABLE `card_references` ADD `sealed` text;--> statement-breakpoint
ALTER TABLE `session_links` ADD `index_key_version` integer;