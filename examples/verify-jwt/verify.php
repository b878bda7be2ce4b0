<?php
// Verifies the JWT of a request, with PHP's own OpenSSL (PHP 8.1 or newer, ext-openssl).

declare(strict_types=1);

namespace Latchkey;

use RuntimeException;

/** `server.public_url` of Latchkey. */
define('Latchkey\ISSUER', getenv('LATCHKEY_ISSUER') ?: 'https://id.example.com');
/** This application's origin, as `forward_auth.origins` names it. */
define('Latchkey\AUDIENCE', getenv('LATCHKEY_AUDIENCE') ?: 'https://app.example.com');
/** Where the keys are kept between requests: a file that only this application can write. */
define('Latchkey\CACHE', getenv('LATCHKEY_JWKS_CACHE') ?: __DIR__ . '/latchkey-jwks.json');

/**
 * The claims of the header X-Auth-Request-Jwt: `sub` is the user's ID, `groups` are the roles.
 *
 * @throws RuntimeException if the JWT is not from Latchkey, not for this application, or over
 */
function verify(string $jwt): array
{
    $parts = explode('.', $jwt);
    if (count($parts) !== 3) {
        throw new RuntimeException('three parts are needed');
    }
    $header = json_decode(decode($parts[0]), true);
    // No other algorithm, and no extension that this code does not know (RFC 7515 §4.1.11).
    if (!is_array($header) || ($header['alg'] ?? null) !== 'ES256' || isset($header['crit'])) {
        throw new RuntimeException('the header is not one of Latchkey');
    }
    $signed = $parts[0] . '.' . $parts[1];
    $key = openssl_pkey_get_public(pem(key($header['kid'] ?? null)));
    if ($key === false || openssl_verify($signed, der(decode($parts[2])), $key, 'sha256') !== 1) {
        throw new RuntimeException('the signature is wrong');
    }
    $claims = json_decode(decode($parts[1]), true);
    if (!is_array($claims) || ($claims['iss'] ?? null) !== ISSUER || !is_string($claims['sub'] ?? null)) {
        throw new RuntimeException('the JWT is not from Latchkey');
    }
    if (($claims['aud'] ?? null) !== AUDIENCE) {
        throw new RuntimeException('the JWT is for another application');
    }
    if (!is_int($claims['exp'] ?? null) || $claims['exp'] <= time()) {
        throw new RuntimeException('the JWT is over');
    }
    return $claims;
}

/** The key of this ID. The keys are cached for five minutes, and fetched again for an unknown one. */
function key(mixed $id): array
{
    $isRecent = is_file(CACHE) && filemtime(CACHE) > time() - 300;
    foreach ($isRecent ? [false, true] : [true] as $fetch) {
        $text = file_get_contents($fetch ? ISSUER . '/.well-known/jwks.json' : CACHE);
        if ($text === false) {
            throw new RuntimeException('the keys of Latchkey cannot be fetched');
        }
        if ($fetch) {
            file_put_contents(CACHE, $text, LOCK_EX);
        }
        foreach (json_decode($text, true)['keys'] ?? [] as $key) {
            if (is_string($id) && ($key['kid'] ?? null) === $id && ($key['crv'] ?? null) === 'P-256') {
                return $key;
            }
        }
    }
    throw new RuntimeException('no such key');
}

/** A public key on P-256 (RFC 7518 §6.2) in the form that OpenSSL reads (RFC 5480 §2). */
function pem(array $key): string
{
    $point = "\x04" . decode($key['x'] ?? '') . decode($key['y'] ?? '');
    $info = hex2bin('3059301306072a8648ce3d020106082a8648ce3d030107034200') . $point;
    return "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($info), 64, "\n") . "-----END PUBLIC KEY-----\n";
}

/** A signature of 64 bytes (RFC 7518 §3.4) in the form that OpenSSL reads (RFC 3279 §2.2.3). */
function der(string $signature): string
{
    if (strlen($signature) !== 64) {
        throw new RuntimeException('the signature has the wrong length');
    }
    $integers = '';
    foreach (str_split($signature, 32) as $number) {
        $number = ltrim($number, "\0");
        // A leading byte of zero keeps the number positive.
        $number = ($number === '' || ord($number[0]) > 127 ? "\0" : '') . $number;
        $integers .= "\x02" . chr(strlen($number)) . $number;
    }
    return "\x30" . chr(strlen($integers)) . $integers;
}

/** Base64url without padding (RFC 7515 §2). */
function decode(string $text): string
{
    $bytes = preg_match('/^[A-Za-z0-9_-]*$/D', $text) ? base64_decode(strtr($text, '-_', '+/'), true) : false;
    if ($bytes === false) {
        throw new RuntimeException('a part is not base64url');
    }
    return $bytes;
}
