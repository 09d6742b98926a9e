CREATE INDEX `receipts_by_handoff` ON `receipts` (`handoff`);--> statement-breakpoint
CREATE INDEX `sales_by_session` ON `sales` (`session`);