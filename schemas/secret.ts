// Secret value between its reference in the configuration and its use; it cannot be printed by accident.
import { inspect } from 'node:util';

/** A secret. Converting, inspecting or serializing it returns its reference ("${env:NAME}"), never its value. */
export class Secret {
  readonly #value: string;
  /** Its name in the configuration; safe to print. */
  readonly reference: string;
  /** The file from which it was read, absolute; `null`: it has another origin. */
  readonly file: string | null;

  constructor(value: string, reference = '[secret]', file: string | null = null) {
    this.#value = value;
    this.reference = reference;
    this.file = file;
  }

  /** Returns the value itself. Call it where the value is used, and do not store the result. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.reference;
  }

  toJSON(): string {
    return this.reference;
  }

  [inspect.custom](): string {
    return this.reference;
  }
}
