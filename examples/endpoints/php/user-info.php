<?php
// A user info endpoint in plain PHP 8.
//
//     USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one php -S 127.0.0.1:8080 user-info.php
//     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
//
// PHP's own server is for trials only. In production, let php-fpm run this file for every path, behind a proxy that terminates TLS. Users come from
// ../users.json.
//
// What it shows: $_GET takes the last of several values and renames parameters (`user.id`), and PHP_AUTH_USER is decoded leniently, so the raw
// query and header are read. An empty PHP array becomes [], and {} must stay {}: users are decoded as objects. A numeric user id as
// the key of an array would become a number: users are looked up as properties.
declare(strict_types=1);

// PHP would send its version, and a warning would precede the JSON.
header_remove('X-Powered-By');
ini_set('display_errors', '0');

/**
 * Sends the response. An error is a problem document (RFC 9457), which no caller can mistake for user info.
 * PHP encodes the JSON with \u00fc and \/, which are different spellings of the same text.
 */
function answer(int $status, object|array $body, string ...$headers): never
{
    $type = $status === 200 ? 'application/json' : 'application/problem+json';
    http_response_code($status);
    foreach (["Content-Type: $type", 'cache-control: no-store', ...$headers] as $header) {
        header($header);
    }
    // For HEAD, PHP sends only the headers.
    exit(json_encode($body, JSON_THROW_ON_ERROR));
}

function refuse(int $status, string $title, string ...$headers): never
{
    answer($status, ['type' => 'about:blank', 'title' => $title, 'status' => $status], ...$headers);
}

/** Compares the encoded credentials with the expected ones, because credentials that are never decoded cannot be decoded incorrectly. */
function isAuthenticated(string $username, string $password): bool
{
    $isBasic = preg_match('~^basic ([A-Za-z0-9+/]+={0,2})$~iD', $_SERVER['HTTP_AUTHORIZATION'] ?? '', $parts);
    // Digests have the same length, so the comparison takes constant time.
    $digest = static fn(string $text): string => hash('sha256', $text);
    return hash_equals($digest(base64_encode("$username:$password")), $digest($isBasic ? $parts[1] : ''));
}

/** Returns the only user id; null if it is missing, repeated, empty, too long, badly encoded or contains control characters. */
function findUserid(string $query): ?string
{
    // urldecode keeps broken escapes. The charset of raw bytes beyond ASCII is unknown, and some parsers end the query at `#`.
    if (preg_match('/[^!-~]|#|%(?![0-9A-Fa-f]{2})/', $query)) {
        return null;
    }
    $found = [];
    foreach (explode('&', $query) as $pair) {
        [$name, $value] = explode('=', $pair, 2) + [1 => ''];
        if (urldecode($name) === 'userid') {
            $found[] = urldecode($value);
        }
    }
    $isUsable = count($found) === 1 && $found[0] !== '' && strlen($found[0]) <= 1024;
    // With the flag u, the match fails for text that is not UTF-8.
    return $isUsable && preg_match('/^\P{Cc}+$/uD', $found[0]) === 1 ? $found[0] : null;
}

try {
    [$username, $password] = [getenv('USER_INFO_USERNAME'), getenv('USER_INFO_PASSWORD')];
    if (!$username || !$password || str_contains($username, ':')) {
        throw new RuntimeException('Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.');
    }
    // Authentication comes first: without credentials, a known user, an unknown one and a wrong path look the same.
    if (!isAuthenticated($username, $password)) {
        refuse(401, 'Credentials are missing or wrong.', 'WWW-Authenticate: Basic realm="user-info", charset="UTF-8"');
    }
    [$path, $query] = explode('?', $_SERVER['REQUEST_URI'], 2) + [1 => ''];
    if ($path !== '/user-info') {
        refuse(404, 'There is nothing at this path.');
    }
    if (!in_array($_SERVER['REQUEST_METHOD'], ['GET', 'HEAD'], true)) {
        refuse(405, 'Only GET and HEAD are supported.', 'Allow: GET, HEAD');
    }
    $userid = findUserid($query);
    if ($userid === null) {
        refuse(400, 'Exactly one userid is needed, as percent-encoded UTF-8.');
    }
    $users = json_decode(file_get_contents(__DIR__ . '/../users.json'), flags: JSON_THROW_ON_ERROR);
    if (!property_exists($users, $userid)) {
        refuse(404, 'There is no such user.');
    }
    answer(200, $users->{$userid});
} catch (Throwable $error) {
    error_log((string) $error);
    refuse(500, 'The endpoint failed.');
}
