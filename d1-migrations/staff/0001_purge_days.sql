CREATE TABLE `purge_days` (
	`class` text PRIMARY KEY NOT NULL,
	`day` text NOT NULL,
	`owed` text
);
