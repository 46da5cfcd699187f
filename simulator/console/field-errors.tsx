// Assigns the server's error lines to the fields of a form: "blastRadius.maxLosingPercent: must be ≤ 100."
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface FieldErrors {
  /** Map from option, e.g. "maxLosingPercent", to its error. */
  readonly ofFields: ReadonlyMap<string, string>;
  /** Errors to show below the form. Null: there are no errors. */
  readonly others: string | null;
}

interface FieldErrorsOfForm extends FieldErrors {
  /** Element around the form; its first field with an error gets the focus. */
  readonly form: RefObject<HTMLDivElement | null>;
}

/** @param options options with a field of their own. */
export function useFieldErrors(refusal: string | null, section: string, options: readonly string[]): FieldErrorsOfForm {
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (refusal !== null) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [refusal]);
  return { form, ...splitErrors(refusal, section, options) };
}

function splitErrors(refusal: string | null, section: string, options: readonly string[]): FieldErrors {
  const ofFields = new Map<string, string>();
  const others: string[] = [];
  for (const line of refusal?.split('\n') ?? []) {
    const [, name = '', index, text = ''] = /^([\w.]+?)(?:\[(\d+)\])?:? (.+)$/.exec(
      line.startsWith(`${section}.`) ? line.slice(section.length + 1) : '',
    ) ?? [''];
    if (!options.includes(name)) others.push(line);
    else ofFields.set(name, index === undefined ? capitalize(text) : `Line ${Number(index) + 1}: ${text}`);
  }
  if (refusal === null || others.length > 0) return { ofFields, others: refusal === null ? null : others.join('\n') };
  return {
    ofFields,
    others: `Nothing was saved. Correct the ${ofFields.size === 1 ? 'field that is' : 'fields that are'} marked.`,
  };
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
