// Messages between the simulator's benchmark and its peers, each of which requests every user once.

/** Passed as JSON in the first argument. */
export interface PeerSetup {
  readonly url: string;
  readonly users: number;
  readonly connections: number;
  readonly authorization: string;
  /** PEM texts; null over http. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
}

/** Printed as JSON. */
export interface PeerResult {
  readonly answered: number;
  /** From the first request to the last response. */
  readonly seconds: number;
}
