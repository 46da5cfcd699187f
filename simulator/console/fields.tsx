// Labelled form fields of the console.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';

interface FieldProps<Value> {
  readonly label: ComponentChildren;
  readonly value: Value;
  readonly onInput: (value: Value) => void;
  /** Below the field, and read with it. */
  readonly hint?: string;
}

interface TextFieldProps extends FieldProps<string> {
  readonly type?: 'text' | 'email' | 'password' | 'number';
  readonly required?: boolean;
  readonly placeholder?: string;
  /** Several lines. */
  readonly isLong?: boolean;
}

export function TextField({
  label,
  value,
  onInput,
  type = 'text',
  isLong,
  required,
  placeholder,
  hint,
}: TextFieldProps) {
  const id = useId();
  const attributes = {
    id,
    required,
    placeholder,
    spellcheck: false,
    value,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
    onInput: (event: { readonly currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      onInput(event.currentTarget.value),
  };
  return (
    <div>
      <label for={id}>{label}</label>
      {isLong && <textarea rows={3} {...attributes} />}
      {!isLong && type === 'email' && <input type="email" {...attributes} />}
      {!isLong && type === 'password' && <input type="password" autocomplete="new-password" {...attributes} />}
      {!isLong && type === 'number' && <input type="number" step="any" {...attributes} />}
      {!isLong && type === 'text' && <input {...attributes} />}
      <Hint id={id} text={hint} />
    </div>
  );
}

export function CheckField({ label, value, onInput, hint }: FieldProps<boolean>) {
  const id = useId();
  return (
    <div>
      <label class="check">
        <input
          type="checkbox"
          checked={value}
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          onChange={(event) => onInput(event.currentTarget.checked)}
        />
        {label}
      </label>
      <Hint id={id} text={hint} />
    </div>
  );
}

interface SelectFieldProps extends FieldProps<string> {
  /** Value → text. */
  readonly options: Readonly<Record<string, string>>;
  readonly required?: boolean;
}

export function SelectField({ label, value, onInput, options, required, hint }: SelectFieldProps) {
  const id = useId();
  return (
    <div>
      <label for={id}>{label}</label>
      <select
        id={id}
        required={required}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onInput(event.currentTarget.value)}
      >
        {Object.entries(options).map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
      <Hint id={id} text={hint} />
    </div>
  );
}

interface FileFieldProps {
  readonly label: string;
  /** Whether a file is stored. Its content is not shown again. */
  readonly isStored: boolean;
  readonly required?: boolean;
  readonly onInput: (text: string) => void;
}

/** Reads a text file that the user chooses. */
export function FileField({ label, isStored, required = false, onInput }: FileFieldProps) {
  const id = useId();
  const [name, setName] = useState<string | null>(null);
  const state =
    name !== null ? `${name} is sent when you save.` : isStored ? 'A file is stored.' : 'No file is stored.';
  return (
    <div>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept=".pem,.crt,.cer,.key"
        required={required && !isStored}
        aria-describedby={`${id}-hint`}
        onChange={async (event) => {
          const [file] = event.currentTarget.files ?? [];
          setName(file?.name ?? null);
          onInput(file === undefined ? '' : await file.text());
        }}
      />
      <Hint id={id} text={state} />
    </div>
  );
}

function Hint({ id, text }: { readonly id: string; readonly text: string | undefined }) {
  return text === undefined ? null : (
    <span id={`${id}-hint`} class="hint">
      {text}
    </span>
  );
}
