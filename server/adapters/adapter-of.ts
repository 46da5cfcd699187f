// Adapters by the type of a source.
import type { Adapter, AdapterType } from './adapter.ts';
import * as registry from './registry.ts';

type RegisteredType = (typeof registry)[keyof typeof registry]['type'];

/** Every adapter. Each must be called with options of its own type only. */
export const adapters = Object.values(registry) as readonly Adapter[];

const byType = new Map<AdapterType, Adapter>(adapters.map((adapter) => [adapter.type, adapter]));

/** Returns the adapter of a source. The compiler rejects a type in the schema that has no adapter. */
export function adapterOf({ type }: { readonly type: RegisteredType }): Adapter {
  return byType.get(type) as Adapter;
}
