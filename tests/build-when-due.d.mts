// Types of build-when-due.mjs.
export declare const builtProgram: string;
export declare function isBuildDue(): boolean;
