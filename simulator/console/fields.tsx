// Labelled form fields of the console.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';

interface TextFieldProps {
  readonly label: ComponentChildren;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'email' | 'password';
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly hint?: string;
}

export function TextField({ label, value, onInput, type = 'text', required, placeholder, hint }: TextFieldProps) {
  const id = useId();
  const attributes = {
    id,
    required,
    placeholder,
    spellcheck: false,
    value,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => onInput(event.currentTarget.value),
  };
  return (
    <label for={id}>
      {label}
      {type === 'email' && <input type="email" {...attributes} />}
      {type === 'password' && <input type="password" autocomplete="new-password" {...attributes} />}
      {type === 'text' && <input {...attributes} />}
      {hint !== undefined && <span class="hint">{hint}</span>}
    </label>
  );
}

interface CheckFieldProps {
  readonly label: string;
  readonly value: boolean;
  readonly onInput: (value: boolean) => void;
}

export function CheckField({ label, value, onInput }: CheckFieldProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={value} onChange={(event) => onInput(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

interface SelectFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  /** Value → text. */
  readonly options: Readonly<Record<string, string>>;
  readonly required?: boolean;
}

export function SelectField({ label, value, onInput, options, required }: SelectFieldProps) {
  return (
    <label>
      {label}
      <select required={required} value={value} onChange={(event) => onInput(event.currentTarget.value)}>
        {Object.entries(options).map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
