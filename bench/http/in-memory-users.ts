// Users of the peers that serialize an object for each response, as applications usually do.
import { type Dataset, userInfoOf, useridOf } from './dataset.ts';

export function loadUsers(dataset: Dataset): Map<string, ReturnType<typeof userInfoOf>> {
  const users = new Map<string, ReturnType<typeof userInfoOf>>();
  for (let user = 0; user < dataset.users; user++) users.set(useridOf(user), userInfoOf(user, dataset));
  return users;
}
