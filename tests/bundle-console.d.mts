// Types of bundle-console.mjs.
/** Writes console.js, console.css and index.html into a folder, which is made. @returns the packages in the bundle, by name. */
export function bundleConsole(folder: string): Promise<string[]>;
