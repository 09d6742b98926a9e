CREATE TABLE `purges` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`class` text NOT NULL,
	`purged` integer NOT NULL,
	`overdue_left` integer NOT NULL,
	`oldest_left` integer
);
--> statement-breakpoint
CREATE TABLE `rotations` (
	`version` integer PRIMARY KEY NOT NULL,
	`started` integer NOT NULL,
	`finished` integer,
	`card_cursor` text DEFAULT '' NOT NULL,
	`answer_cursor` text DEFAULT '' NOT NULL
);
--> statement-breakpoint
CREATE TABLE `security_events` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`object` text NOT NULL,
	`field` text NOT NULL,
	`key_version` text NOT NULL,
	`first` integer NOT NULL,
	`last` integer NOT NULL,
	`times` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `security_events_place` ON `security_events` (`kind`,`object`,`field`,`key_version`);--> statement-breakpoint
ALTER TABLE `authorizations` ADD `token` text;--> statement-breakpoint
CREATE INDEX `authorizations_token` ON `authorizations` (`token`);--> statement-breakpoint
ALTER TABLE `data_keys` ADD `destroyed` integer;--> statement-breakpoint
ALTER TABLE `tokens` ADD `currency` text;--> statement-breakpoint
ALTER TABLE `tokens` ADD `account` text;--> statement-breakpoint
CREATE INDEX `cards_key_version` ON `cards` (`key_version`);--> statement-breakpoint
CREATE INDEX `idempotency_key_version` ON `idempotency` (`key_version`);