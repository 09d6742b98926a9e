CREATE TABLE `webhook_events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`reference` text,
	`handoff` text,
	`state` text NOT NULL,
	`received` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `webhook_events_handoff` ON `webhook_events` (`handoff`);--> statement-breakpoint
CREATE INDEX `webhook_events_received` ON `webhook_events` (`received`);--> statement-breakpoint
ALTER TABLE `authorizations` ADD `decline` text;