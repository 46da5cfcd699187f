// Form for one section of settings, generated from the JSON Schema: a field for each option, with the server's errors at the fields.
import { EditForm, useEdit } from './edit-form.tsx';
import { useFieldErrors } from './field-errors.tsx';
import { CheckField, SelectField, TextField } from './fields.tsx';
import type { Versioned } from './server.ts';

/** A plain value or a list of texts, as described by the schema. */
export interface Option {
  readonly description: string;
  readonly type: string;
  readonly enum?: readonly string[];
}

interface OptionsFormProps<Resource> {
  readonly resource: Versioned<Resource>;
  /** Path in the server's errors, e.g. "blastRadius". */
  readonly section: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The options of the resource, with every default. */
  readonly toValues: (resource: Resource) => Readonly<Record<string, unknown>>;
  /** Saves the changed options; null removes an option. */
  readonly save: (patch: Readonly<Record<string, unknown>>, version: string | null) => Promise<unknown>;
  readonly button: string;
  readonly onSaved: () => void;
}

type Fields = Readonly<Record<string, string | boolean>>;

export function OptionsForm<Resource>({
  resource,
  section,
  options: optionsByName,
  labels,
  toValues,
  save,
  button,
  onSaved,
}: OptionsFormProps<Resource>) {
  const options = Object.entries(optionsByName);
  const edit = useEdit<Resource, Fields>({
    resource,
    toFields: (data) => {
      const values = toValues(data);
      return Object.fromEntries(options.map(([name, option]) => [name, toField(option, values[name])]));
    },
    save: (changes, version) => {
      const patch = options.flatMap(([name, option]) =>
        name in changes ? [[name, fromField(option, changes[name])] as const] : [],
      );
      return save(Object.fromEntries(patch), version);
    },
    onSaved,
    done: 'The settings were saved.',
  });
  const errors = useFieldErrors(edit.refusal, section, Object.keys(optionsByName));
  return (
    <div ref={errors.form}>
      <EditForm edit={edit} labels={labels} button={button} refusal={errors.others}>
        {options.map(([name, option]) => (
          <OptionField
            key={name}
            option={option}
            label={labels[name] ?? name}
            error={errors.ofFields.get(name)}
            value={edit.fields[name] ?? ''}
            onInput={(value) => edit.set(name, value)}
          />
        ))}
      </EditForm>
    </div>
  );
}

/** Returns the words of an option's name, e.g. "Max losing percent". */
export function toLabel(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

interface OptionFieldProps {
  readonly option: Option;
  readonly label: string;
  readonly error: string | undefined;
  readonly value: string | boolean;
  readonly onInput: (value: string | boolean) => void;
}

function OptionField({ option, label, error, value, onInput }: OptionFieldProps) {
  const { description } = option;
  const help = {
    ...(description !== `${label}.` && { hint: description }),
    ...(error !== undefined && { error }),
  };
  if (option.type === 'boolean') return <CheckField label={label} value={value === true} onInput={onInput} {...help} />;
  const text = String(value);
  if (option.enum !== undefined) {
    const words = Object.fromEntries(option.enum.map((each) => [each, each]));
    return <SelectField label={label} value={text} onInput={onInput} options={words} {...help} />;
  }
  if (option.type === 'array') {
    return <TextField label={`${label}, one per line`} isLong value={text} onInput={onInput} {...help} />;
  }
  const isNumber = option.type === 'integer' || option.type === 'number';
  return <TextField label={label} type={isNumber ? 'number' : 'text'} value={text} onInput={onInput} {...help} />;
}

function toField({ type }: Option, value: unknown): string | boolean {
  if (type === 'boolean') return value === true;
  if (type === 'array') return ((value ?? []) as readonly string[]).join('\n');
  return value === undefined ? '' : String(value);
}

/** Converts the value of a field to the value of its option. Null: the option is removed, so that its default applies. */
function fromField({ type }: Option, value: string | boolean | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'array') return value.split('\n').filter((line) => line.trim() !== '');
  if (value.trim() === '') return null;
  return type === 'integer' || type === 'number' ? Number(value) : value;
}
