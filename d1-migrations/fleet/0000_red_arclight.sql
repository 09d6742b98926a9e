CREATE TABLE `assignments` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`serial` text NOT NULL,
	`store` text NOT NULL,
	`statement` text NOT NULL,
	`from_at` integer NOT NULL,
	`until_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `assignments_in_force` ON `assignments` (`serial`) WHERE until_at IS NULL;--> statement-breakpoint
CREATE INDEX `assignments_by_store` ON `assignments` (`store`);--> statement-breakpoint
CREATE TABLE `beacons` (
	`kid` text PRIMARY KEY NOT NULL,
	`store` text NOT NULL,
	`beacon` text NOT NULL,
	`public_key` blob NOT NULL,
	`registered_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `beacons_of_store` ON `beacons` (`store`,`beacon`);--> statement-breakpoint
CREATE TABLE `carts` (
	`serial` text PRIMARY KEY NOT NULL,
	`kid` text NOT NULL,
	`certificate` blob NOT NULL,
	`public_key` blob NOT NULL,
	`enrolled_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `carts_kid_unique` ON `carts` (`kid`);--> statement-breakpoint
CREATE TABLE `manifest` (
	`serial` text PRIMARY KEY NOT NULL,
	`public_key_hash` text NOT NULL,
	`added_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `manifest_public_key_hash_unique` ON `manifest` (`public_key_hash`);--> statement-breakpoint
CREATE TABLE `policies` (
	`version` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`digests` text NOT NULL,
	`minimum_security_counter` integer NOT NULL,
	`set_at` integer NOT NULL,
	`set_by` text NOT NULL
);
