export const PAGE_PATH = "/card-form";
export const SCRIPT_PATH = "/card-form/card-form.js";
export const STYLES_PATH = "/card-form/card-form.css";
