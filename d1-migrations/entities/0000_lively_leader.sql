CREATE TABLE `card_references` (
	`blind_index` text PRIMARY KEY NOT NULL,
	`index_key_version` integer NOT NULL,
	`customer` text NOT NULL,
	`added` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `card_references_by_customer` ON `card_references` (`customer`);--> statement-breakpoint
CREATE TABLE `customers` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`created` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `loyalty_formats` (
	`retailer` text NOT NULL,
	`prefix` text NOT NULL,
	`length` integer NOT NULL,
	`check_digit` text NOT NULL,
	PRIMARY KEY(`retailer`, `prefix`, `length`)
);
--> statement-breakpoint
CREATE TABLE `loyalty_numbers` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text NOT NULL,
	`blind_index` text NOT NULL,
	`index_key_version` integer NOT NULL,
	`sealed` text NOT NULL,
	`added` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `loyalty_numbers_blind_index_unique` ON `loyalty_numbers` (`blind_index`);--> statement-breakpoint
CREATE INDEX `loyalty_numbers_by_customer` ON `loyalty_numbers` (`customer`);--> statement-breakpoint
CREATE TABLE `pairing_codes` (
	`code_index` text PRIMARY KEY NOT NULL,
	`index_key_version` integer NOT NULL,
	`customer` text NOT NULL,
	`store` text NOT NULL,
	`confirmation` text NOT NULL,
	`created` integer NOT NULL,
	`expires` integer NOT NULL,
	`redeemed` integer,
	`session` text,
	`cart` text,
	`confirmed` integer,
	`revoked` integer
);
--> statement-breakpoint
CREATE INDEX `pairing_codes_by_customer` ON `pairing_codes` (`customer`,`created`);--> statement-breakpoint
CREATE INDEX `pairing_codes_by_session` ON `pairing_codes` (`session`);--> statement-breakpoint
CREATE TABLE `session_links` (
	`session` text PRIMARY KEY NOT NULL,
	`customer` text,
	`one_trip` text,
	`credential` text,
	`linked` integer,
	`ended` integer
);
--> statement-breakpoint
CREATE INDEX `session_links_by_customer` ON `session_links` (`customer`);