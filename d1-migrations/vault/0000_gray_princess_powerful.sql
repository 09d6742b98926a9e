CREATE TABLE `access_log` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`act` text NOT NULL,
	`object` text,
	`outcome` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `authorizations` (
	`id` text PRIMARY KEY NOT NULL,
	`handoff` text NOT NULL,
	`session` text NOT NULL,
	`claimed_store` text NOT NULL,
	`claimed_terminal` text NOT NULL,
	`claimed_minor` integer NOT NULL,
	`claimed_currency` text NOT NULL,
	`state` text NOT NULL,
	`reference` text,
	`amount_minor` integer,
	`currency` text,
	`terminal` text,
	`store` text,
	`emv` text,
	`captured_minor` integer DEFAULT 0 NOT NULL,
	`created` integer NOT NULL,
	`updated` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `authorizations_handoff` ON `authorizations` (`handoff`);--> statement-breakpoint
CREATE TABLE `cards` (
	`fingerprint` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`pan` text,
	`key_version` integer,
	`scheme` text NOT NULL,
	`created` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `data_keys` (
	`version` integer PRIMARY KEY NOT NULL,
	`wrapped` text NOT NULL,
	`kek_check` text NOT NULL,
	`created` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `idempotency` (
	`id` text PRIMARY KEY NOT NULL,
	`request` text NOT NULL,
	`attempt` text NOT NULL,
	`answer` text NOT NULL,
	`key_version` integer NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `idempotency_expires` ON `idempotency` (`expires`);--> statement-breakpoint
CREATE TABLE `operations` (
	`id` text PRIMARY KEY NOT NULL,
	`authorization` text NOT NULL,
	`verb` text NOT NULL,
	`slot` text NOT NULL,
	`key` text NOT NULL,
	`amount_minor` integer,
	`currency` text,
	`reason` text,
	`state` text NOT NULL,
	`created` integer NOT NULL,
	`updated` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `operations_slot` ON `operations` (`authorization`,`slot`);--> statement-breakpoint
CREATE UNIQUE INDEX `operations_key` ON `operations` (`key`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`digest` text PRIMARY KEY NOT NULL,
	`card` text NOT NULL,
	`cell` text NOT NULL,
	`store` text,
	`use` text NOT NULL,
	`ceiling_minor` integer,
	`exp_month` integer NOT NULL,
	`exp_year` integer NOT NULL,
	`client` text NOT NULL,
	`created` integer NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `tokens_expires` ON `tokens` (`expires`);--> statement-breakpoint
CREATE INDEX `tokens_card` ON `tokens` (`card`);--> statement-breakpoint
CREATE TABLE `used_jti` (
	`id` text PRIMARY KEY NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_jti_expires` ON `used_jti` (`expires`);