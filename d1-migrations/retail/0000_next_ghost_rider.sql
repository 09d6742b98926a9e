CREATE TABLE `products` (
	`store` text NOT NULL,
	`item` text NOT NULL,
	`name` text NOT NULL,
	`unit_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`measure` text NOT NULL,
	`tax_class` text NOT NULL,
	`net_grams` integer,
	PRIMARY KEY(`store`, `item`)
);
--> statement-breakpoint
CREATE TABLE `receipts` (
	`reference` text PRIMARY KEY NOT NULL,
	`store` text NOT NULL,
	`handoff` text NOT NULL,
	`number` text NOT NULL,
	`issued_at` integer NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sales` (
	`handoff` text PRIMARY KEY NOT NULL,
	`store` text NOT NULL,
	`session` text NOT NULL,
	`cart` text NOT NULL,
	`digest` text NOT NULL,
	`reference` text NOT NULL,
	`state` text NOT NULL,
	`total_minor` integer NOT NULL,
	`currency` text NOT NULL,
	`intent_at` integer NOT NULL,
	`booked_at` integer
);
--> statement-breakpoint
CREATE INDEX `sales_store` ON `sales` (`store`);--> statement-breakpoint
CREATE TABLE `stores` (
	`store` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`legal_name` text NOT NULL,
	`address` text NOT NULL,
	`tax_id` text NOT NULL,
	`country` text NOT NULL,
	`language` text NOT NULL,
	`currency` text NOT NULL,
	`time_zone` text NOT NULL,
	`tax_included` integer NOT NULL,
	`pos_url` text NOT NULL,
	`weight_tolerance_grams` integer NOT NULL,
	`terminals` text NOT NULL,
	`barcode_templates` text NOT NULL,
	`minimum_ages` text NOT NULL
);
