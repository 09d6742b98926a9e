/** A cart, in the link colour of either scheme. Without one, a browser asks for /favicon.ico and logs a failure. */
export const favicon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<style>path{fill:none;stroke:#0b57a4;stroke-width:3;stroke-linecap:round;stroke-linejoin:round}circle{fill:#0b57a4}@media(prefers-color-scheme:dark){path{stroke:#8ab8f5}circle{fill:#8ab8f5}}</style>
<path d="M3 5h4l4 16h13l4-12H9"/><circle cx="13" cy="27" r="2.5"/><circle cx="23" cy="27" r="2.5"/>
</svg>
`;
