CREATE TABLE `audit_cursor` (
	`id` integer PRIMARY KEY NOT NULL,
	`next` integer NOT NULL,
	`since` integer
);
--> statement-breakpoint
CREATE TABLE `join_counts` (
	`week` text NOT NULL,
	`caller` text NOT NULL,
	`purpose` text NOT NULL,
	`joins` integer NOT NULL,
	PRIMARY KEY(`week`, `caller`, `purpose`)
);
--> statement-breakpoint
CREATE TABLE `raw_read_requests` (
	`id` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`human` text NOT NULL,
	`cell` text NOT NULL,
	`scc` text,
	`ticket` text NOT NULL,
	`purpose` text NOT NULL,
	`fields` text NOT NULL,
	`statement` text NOT NULL,
	`subject_kind` text NOT NULL,
	`subject` text,
	`state` text NOT NULL,
	`created` integer NOT NULL,
	`expires` integer NOT NULL,
	`decided_by` text,
	`decided_human` text,
	`decided` integer,
	`reason` text,
	`approval` text,
	`viewed` integer
);
--> statement-breakpoint
CREATE INDEX `raw_read_requests_by_time` ON `raw_read_requests` (`created`);--> statement-breakpoint
CREATE TABLE `raw_reads_seen` (
	`audit_index` integer PRIMARY KEY NOT NULL,
	`week` text NOT NULL,
	`success` integer NOT NULL,
	`facts` text NOT NULL,
	`humans` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `raw_reads_seen_by_week` ON `raw_reads_seen` (`week`);--> statement-breakpoint
CREATE TABLE `review_items` (
	`id` text PRIMARY KEY NOT NULL,
	`week` text NOT NULL,
	`kind` text NOT NULL,
	`facts` text NOT NULL,
	`humans` text NOT NULL,
	`decision` text,
	`ticket` text,
	`decided_by` text,
	`decided_human` text,
	`decided` integer
);
--> statement-breakpoint
CREATE INDEX `review_items_by_week` ON `review_items` (`week`);--> statement-breakpoint
CREATE TABLE `reviews` (
	`week` text PRIMARY KEY NOT NULL,
	`opened` integer NOT NULL,
	`due` integer NOT NULL,
	`closed` integer,
	`overdue_told` integer,
	`human_reads` integer NOT NULL,
	`refused_reads` integer NOT NULL,
	`machine_joins` integer NOT NULL,
	`baseline_weeks` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `scc_records` (
	`id` text PRIMARY KEY NOT NULL,
	`officer` text NOT NULL,
	`cell` text NOT NULL,
	`account` text NOT NULL,
	`version` integer NOT NULL,
	`statement` text NOT NULL,
	`added` integer NOT NULL,
	`expires` integer NOT NULL,
	`ended` integer
);
--> statement-breakpoint
CREATE INDEX `scc_records_by_person` ON `scc_records` (`cell`,`account`);--> statement-breakpoint
CREATE TABLE `staff_accounts` (
	`account` text PRIMARY KEY NOT NULL,
	`human` text NOT NULL,
	`key_thumbprint` text NOT NULL,
	`version` integer NOT NULL,
	`statement` text NOT NULL,
	`added` integer NOT NULL,
	`changed` integer NOT NULL,
	`ended` integer
);
--> statement-breakpoint
CREATE INDEX `staff_accounts_by_human` ON `staff_accounts` (`human`);--> statement-breakpoint
CREATE INDEX `staff_accounts_by_key` ON `staff_accounts` (`key_thumbprint`);--> statement-breakpoint
CREATE TABLE `staff_tokens` (
	`jti` text PRIMARY KEY NOT NULL,
	`account` text NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `staff_tokens_by_end` ON `staff_tokens` (`expires`);--> statement-breakpoint
CREATE TABLE `used_proofs` (
	`jti` text PRIMARY KEY NOT NULL,
	`expires` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `used_proofs_by_end` ON `used_proofs` (`expires`);