// Name of the environment variable that a primary sets for its workers.
export const workerVariable = 'USER_INFO_WORKER';
