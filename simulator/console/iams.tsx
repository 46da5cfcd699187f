// Choice of an IAM in the console.
import type { toIamBody } from '../api/wire.ts';
import { type Loaded, useLoaded } from './loaded.tsx';

export type IamBody = ReturnType<typeof toIamBody>;

export function useIams(): Loaded<readonly IamBody[]> {
  return useLoaded<readonly IamBody[]>('/bim/iam').loaded;
}

/** One `<option>` per IAM; none before they are loaded. @param without an IAM to exclude. */
export function IamOptions({ without }: { readonly without?: string }) {
  const iams = useIams();
  if (iams.state !== 'ready') return null;
  return <>{iams.data.map(({ id }) => id !== without && <option key={id}>{id}</option>)}</>;
}

interface IamFilterProps {
  /** Empty: all. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Filter of a list by IAM. */
export function IamFilter({ value, onChange }: IamFilterProps) {
  return (
    <label>
      IAM
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">All</option>
        <IamOptions />
      </select>
    </label>
  );
}
