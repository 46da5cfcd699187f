// Types of the part of oidc-provider that the tests use; the package has none.
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export interface ClientMetadata {
    readonly client_id: string;
    readonly client_secret: string;
    readonly grant_types: readonly string[];
    readonly redirect_uris: readonly string[];
    readonly response_types: readonly string[];
    readonly token_endpoint_auth_method: 'client_secret_basic' | 'client_secret_post';
    readonly scope?: string;
  }

  export interface ClientCredentialsToken {
    readonly clientId: string;
    readonly scope?: string;
    readonly isExpired: boolean;
  }

  export default class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly adapter: (kind: string) => {
          upsert(id: string, payload: object): Promise<void>;
          find(id: string): Promise<object | undefined>;
        };
        readonly clients: readonly ClientMetadata[];
        readonly features: {
          readonly clientCredentials: { readonly enabled: boolean };
          readonly devInteractions: { readonly enabled: boolean };
        };
        readonly scopes: readonly string[];
        readonly ttl: { readonly ClientCredentials: number };
        readonly jwks: { readonly keys: readonly object[] };
        readonly cookies: { readonly keys: readonly string[] };
      },
    );
    callback(): RequestListener;
    readonly ClientCredentials: { find(token: string): Promise<ClientCredentialsToken | undefined> };
  }
}
