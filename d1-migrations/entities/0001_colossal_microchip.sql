CREATE TABLE `disclosures` (
	`customer` text NOT NULL,
	`retailer` text NOT NULL,
	`fields` text NOT NULL,
	`since` integer NOT NULL,
	PRIMARY KEY(`customer`, `retailer`)
);
--> statement-breakpoint
CREATE TABLE `looks` (
	`audit_index` integer PRIMARY KEY NOT NULL,
	`subject` text NOT NULL,
	`at` integer NOT NULL,
	`who` text NOT NULL,
	`door` text NOT NULL,
	`purpose` text NOT NULL,
	`fields` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `looks_by_subject` ON `looks` (`subject`,`at`);--> statement-breakpoint
CREATE TABLE `privacy_notices` (
	`id` text PRIMARY KEY NOT NULL,
	`request` text,
	`customer` text,
	`retailer` text NOT NULL,
	`kind` text NOT NULL,
	`fields` text NOT NULL,
	`jwe` text,
	`created` integer NOT NULL,
	`delivered` integer,
	`acknowledgement` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `privacy_notices_once` ON `privacy_notices` (`request`,`retailer`);--> statement-breakpoint
CREATE INDEX `privacy_notices_by_customer` ON `privacy_notices` (`customer`);--> statement-breakpoint
CREATE INDEX `privacy_notices_owed` ON `privacy_notices` (`delivered`,`created`);--> statement-breakpoint
CREATE TABLE `privacy_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`customer` text,
	`requester` text,
	`index_key_version` integer NOT NULL,
	`kind` text NOT NULL,
	`law` text NOT NULL,
	`subject` text NOT NULL,
	`checked_by` text NOT NULL,
	`received` integer NOT NULL,
	`received_on` text NOT NULL,
	`key_index` text,
	`digest` text NOT NULL,
	`correction` text,
	`started` integer,
	`ended` integer,
	`outcome` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `privacy_requests_key_index_unique` ON `privacy_requests` (`key_index`);--> statement-breakpoint
CREATE INDEX `privacy_requests_by_customer` ON `privacy_requests` (`customer`);--> statement-breakpoint
CREATE UNIQUE INDEX `privacy_requests_open` ON `privacy_requests` (`customer`,`kind`) WHERE ended IS NULL;--> statement-breakpoint
CREATE TABLE `recipients` (
	`retailer` text PRIMARY KEY NOT NULL,
	`store` text NOT NULL,
	`jwk` text NOT NULL,
	`registered` integer NOT NULL
);
