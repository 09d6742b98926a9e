ALTER TABLE `key_versions` ADD `introduced_entry` integer;--> statement-breakpoint
ALTER TABLE `key_versions` ADD `activated_entry` integer;--> statement-breakpoint
ALTER TABLE `key_versions` ADD `retired_entry` integer;