// Owns the types of newer-nodes.mjs, which runs before anything is installed that reads types.
export declare const newerNodeVersions: readonly string[];
export declare function newerNode(version: string): string;
