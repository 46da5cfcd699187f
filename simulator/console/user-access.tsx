// Owns the groups and the attributes of a user in the console, each with everyone who gives it.
import type { UserDetailsBody } from '../api/details-handlers.ts';
import { Empty } from './loaded.tsx';
import { Origins, Table } from './table.tsx';

export function UserGroups({ details: { groups } }: { readonly details: UserDetailsBody }) {
  if (groups.length === 0) return <Empty>In no group.</Empty>;
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

export function UserAttributes({ details: { values } }: { readonly details: UserDetailsBody }) {
  if (values.length === 0) return <Empty>No attributes.</Empty>;
  return (
    <Table
      caption="Attributes"
      head={['Attribute', 'Value', 'IAM', 'Given by']}
      rows={values.map(({ name, value, iam, origins, group }) => ({
        key: JSON.stringify([name, value, iam, group]),
        cells: [
          name,
          value,
          iam,
          <>
            <Origins of={origins} />
            {group !== null && <span class="badge">group {group.name}</span>}
          </>,
        ],
      }))}
    />
  );
}
