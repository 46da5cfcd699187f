// Types of newer-nodes.mjs.
export declare const newerNodeVersions: readonly string[];
export declare function newerNode(version: string): string;
