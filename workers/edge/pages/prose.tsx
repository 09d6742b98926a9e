import type { Child } from "hono/jsx";

/** The little Markdown that the document's descriptions use: paragraphs, `##`, lists and code spans. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split("\n\n").map((block) => {
        if (block.startsWith("## ")) return <h2>{block.slice(3)}</h2>;
        if (block.startsWith("- "))
          return (
            <ul>
              {block.split("\n").map((line) => (
                <li>{spans(line.slice(2))}</li>
              ))}
            </ul>
          );
        return <p>{spans(block)}</p>;
      })}
    </>
  );
}

/** Text with its code spans; every second piece between backticks is code. */
export function spans(text: string): Child[] {
  return text.split("`").map((piece, index) => (index % 2 === 1 ? <code>{piece}</code> : piece));
}
