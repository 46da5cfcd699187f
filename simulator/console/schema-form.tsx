// A form of one section of an IAM's settings, made from the JSON Schema: a field for each option.
import schema from '../../schemas/iam-settings.schema.json' with { type: 'json' };
import type { IamSettingsBody } from '../api/settings-handlers.ts';
import { EditForm, useEdit } from './edit-form.tsx';
import { CheckField, SelectField, TextField } from './fields.tsx';
import { ask, at, type Versioned } from './server.ts';

/** Sections whose options are plain values. */
export type SectionName = 'supportedActions' | 'profileSchema' | 'sync' | 'blastRadius' | 'guesses';

interface Option {
  readonly description: string;
  readonly type: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

interface SchemaFormProps {
  readonly iam: Versioned<IamSettingsBody>;
  readonly section: SectionName;
  /** Options that another form has. */
  readonly without?: readonly string[];
  readonly button: string;
  readonly onSaved: () => void;
}

type Fields = Readonly<Record<string, string | boolean>>;

export function SchemaForm({ iam, section, without = [], button, onSaved }: SchemaFormProps) {
  const options = Object.entries(schema.$defs[section].properties as Readonly<Record<string, Option>>).filter(
    ([name]) => !without.includes(name),
  );
  const edit = useEdit<IamSettingsBody, Fields>({
    resource: iam,
    toFields: ({ loaded }) => {
      const values = (loaded?.[section] ?? {}) as Readonly<Record<string, unknown>>;
      return Object.fromEntries(options.map(([name, option]) => [name, toField(option, values[name])]));
    },
    save: (changes, version) => {
      const patch = Object.fromEntries(
        options.flatMap(([name, option]) => (name in changes ? [[name, fromField(option, changes[name])]] : [])),
      );
      return ask('PATCH', at`/simulator/iams/${iam.data.id}`, { settings: { [section]: patch } }, version);
    },
    onSaved,
    done: 'The settings were saved.',
  });
  const labels = Object.fromEntries(options.map(([name, option]) => [name, labelOf(section, name, option)]));
  return (
    <EditForm edit={edit} labels={labels} button={button}>
      {options.map(([name, option]) => (
        <OptionField
          key={name}
          option={option}
          label={labels[name] ?? name}
          value={edit.fields[name] ?? ''}
          onInput={(value) => edit.set(name, value)}
        />
      ))}
    </EditForm>
  );
}

interface OptionFieldProps {
  readonly option: Option;
  readonly label: string;
  readonly value: string | boolean;
  readonly onInput: (value: string | boolean) => void;
}

function OptionField({ option, label, value, onInput }: OptionFieldProps) {
  const { description } = option;
  const hint = { ...(description !== `${label}.` && { hint: description }) };
  if (option.type === 'boolean') return <CheckField label={label} value={value === true} onInput={onInput} {...hint} />;
  const text = String(value);
  if (option.enum !== undefined) {
    const options = Object.fromEntries(option.enum.map((each) => [each, each]));
    return <SelectField label={label} value={text} onInput={onInput} options={options} {...hint} />;
  }
  if (option.type === 'array') {
    return <TextField label={`${label}, one a line`} isLong value={text} onInput={onInput} {...hint} />;
  }
  const isNumber = option.type === 'integer' || option.type === 'number';
  return <TextField label={label} type={isNumber ? 'number' : 'text'} value={text} onInput={onInput} {...hint} />;
}

function toField({ type }: Option, value: unknown): string | boolean {
  if (type === 'boolean') return value === true;
  if (type === 'array') return ((value ?? []) as readonly string[]).join('\n');
  return value === undefined ? '' : String(value);
}

/** Null: the option is removed, and has its default. */
function fromField({ type }: Option, value: string | boolean | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'array') return value.split('\n').filter((line) => line.trim() !== '');
  if (value.trim() === '') return null;
  return type === 'integer' || type === 'number' ? Number(value) : value;
}

/** The platform's word where the description begins with it; else the words of the option's name. */
function labelOf(section: SectionName, name: string, { description }: Option): string {
  if (section === 'profileSchema' || section === 'supportedActions') return description.split(/[.:]/)[0] ?? name;
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
