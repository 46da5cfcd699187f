// Groups and attributes of a user in the console, with their origins.
import type { UserDetailsBody } from '../api/details-handlers.ts';
import { AttributeEditor } from './attribute-editor.tsx';
import { Empty } from './loaded.tsx';
import { Origins, Table } from './table.tsx';

export function UserGroups({ details: { groups } }: { readonly details: UserDetailsBody }) {
  if (groups.length === 0) return <Empty>No groups.</Empty>;
  return (
    <Table
      caption="Groups"
      head={['Group', 'IAM', 'Given by']}
      rows={groups.map(({ iam, name, origins }) => ({
        key: `${iam}/${name}`,
        cells: [name, iam, <Origins key="origins" of={origins} />],
      }))}
    />
  );
}

interface UserAttributesProps {
  /** URL of the user in the REST API. */
  readonly path: string;
  readonly details: UserDetailsBody;
  readonly reload: () => void;
}

export function UserAttributes({ path, details: { values }, reload }: UserAttributesProps) {
  return (
    <AttributeEditor
      path={path}
      rows={values.map(({ name, value, iam, origins, group }) => ({
        name,
        value,
        iam,
        origins,
        ...(group !== null && { inherited: `group ${group.name}` }),
      }))}
      onChanged={reload}
    />
  );
}
