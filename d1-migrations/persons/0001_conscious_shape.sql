CREATE TABLE `payment_methods` (
	`id` text PRIMARY KEY NOT NULL,
	`person` text NOT NULL,
	`card_index` text NOT NULL,
	`index_key_version` integer NOT NULL,
	`sealed` text NOT NULL,
	`added` integer NOT NULL,
	`changed` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `payment_methods_card_index_unique` ON `payment_methods` (`card_index`);--> statement-breakpoint
CREATE INDEX `payment_methods_by_person` ON `payment_methods` (`person`);