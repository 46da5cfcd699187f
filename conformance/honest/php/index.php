<?php
// User info endpoint with PHP and a CSV file.

if (($_SERVER['PHP_AUTH_USER'] ?? '') !== 'immuta' || ($_SERVER['PHP_AUTH_PW'] ?? '') !== 'open:sesame 42') {
    header('WWW-Authenticate: Basic realm="My Realm"');
    http_response_code(401);
    exit('Authentication required');
}

$user = null;
$file = fopen('users.csv', 'r');
fgetcsv($file); // header
while ([$userid, $kind, $name, $value] = fgetcsv($file)) {
    if ($userid !== ($_GET['userid'] ?? '')) {
        continue;
    }
    $user ??= ['groups' => [], 'authorizations' => []];
    if ($kind === 'group') {
        $user['groups'][] = ['name' => $name];
    } elseif ($kind === 'attribute') {
        $user['authorizations'][$name][] = $value;
    }
}

if ($user === null) {
    http_response_code(404);
    exit('User not found');
}

header('Content-Type: application/json');
echo json_encode(['groups' => $user['groups'], 'authorizations' => (object) $user['authorizations']]);
