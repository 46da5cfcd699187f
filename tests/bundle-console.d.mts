// Types of bundle-console.mjs.
/** Writes console.js, console.css and index.html into a directory, which is made. @returns the packages in the bundle, by name. */
export function bundleConsole(directory: string): Promise<string[]>;
