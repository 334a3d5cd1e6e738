<?php

// Uses the official PHP SDK, unmodified, against a sandbox gateway. See run.sh.
//
//   php driver.php BASE-URL API-KEY PATH-OF-THE-SDK

declare(strict_types=1);

error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    if ($level === E_DEPRECATED) {
        return true;
    }
    // A missing member of an answer is a warning in PHP. Here it is a failure.
    throw new ErrorException($message, 0, $level, $file, $line);
});

if ($argc !== 4) {
    fwrite(STDERR, "usage: php driver.php BASE-URL API-KEY PATH-OF-THE-SDK\n");
    exit(2);
}
[, $base, $key, $sdk] = $argv;

spl_autoload_register(static function (string $class) use ($sdk): void {
    if (str_starts_with($class, 'NoPayn\\')) {
        require $sdk . '/src/' . str_replace('\\', '/', substr($class, strlen('NoPayn\\'))) . '.php';
    }
});

const CARD = '4111111111111111';

function want(string $what, mixed $got, mixed $want): void
{
    if ($got !== $want) {
        throw new RuntimeException("$what is " . var_export($got, true) . ', want ' . var_export($want, true));
    }
}

function wantText(string $what, mixed $got): void
{
    if (!is_string($got) || $got === '') {
        throw new RuntimeException("$what is " . var_export($got, true) . ', want a text');
    }
}

/** Runs a step and prints its line; the first that fails ends the program. */
function step(string $name, callable $run): mixed
{
    try {
        $result = $run();
    } catch (Throwable $e) {
        echo "FAILED  $name: {$e->getMessage()}\n";
        exit(1);
    }
    echo "ok      $name\n";

    return $result;
}

/** Fills in the hosted page's form for an order. */
function pay(string $base, string $id): void
{
    $call = curl_init("$base/pay/$id/select-payment-method/");
    curl_setopt_array($call, [
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 10,
        CURLOPT_POSTFIELDS => http_build_query([
            'method' => 'credit-card',
            'number' => CARD,
            'expiry' => '12 / ' . date('y', strtotime('+2 years')),
            'cvc' => '123',
        ]),
    ]);
    curl_exec($call);
    want('status of the payment form', curl_getinfo($call, CURLINFO_RESPONSE_CODE), 303);
}

/** Takes one webhook, acknowledges it, and returns its body. */
function takeWebhook(mixed $server): string
{
    $peer = stream_socket_accept($server, 10);
    stream_set_timeout($peer, 10);
    $length = 0;
    while (($line = rtrim((string) fgets($peer))) !== '') {
        if (stripos($line, 'Content-Length:') === 0) {
            $length = (int) substr($line, strlen('Content-Length:'));
        }
    }
    $body = (string) stream_get_contents($peer, $length);
    fwrite($peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    fclose($peer);

    return $body;
}

/** Runs a call that the gateway must refuse, and checks what the SDK makes of it. */
function refused(int $status, bool $named, callable $call): void
{
    try {
        $call();
    } catch (NoPayn\Exceptions\ApiException $e) {
        want('status', $e->getStatusCode(), $status);
        want('whether the error has a text', !str_contains($e->getMessage(), 'Unknown error'), $named);

        return;
    }
    throw new RuntimeException('it was not refused');
}

$client = new NoPayn\NoPaynClient(['apiKey' => $key, 'merchantId' => 'sdkcheck', 'baseUrl' => $base]);
$server = stream_socket_server('tcp://127.0.0.1:0');
$webhookUrl = 'http://' . stream_socket_get_name($server, false) . '/webhook';

$minimal = step('create an order, minimal', static function () use ($client): array {
    $order = $client->createOrder(['amount' => 1295, 'currency' => 'EUR']);
    want('status', $order['status'], 'new');
    want('amount', $order['amount'], 1295);
    want('currency', $order['currency'], 'EUR');
    want('transactions', $order['transactions'], []);
    foreach (['id', 'orderUrl', 'created', 'modified'] as $name) {
        wantText($name, $order[$name]);
    }

    return $order;
});

step('create an order, full', static function () use ($client): void {
    $order = $client->createOrder([
        'amount' => 3490,
        'currency' => 'EUR',
        'merchantOrderId' => 'ORDER-001',
        'description' => 'Two widgets and shipping',
        'returnUrl' => 'https://shop.example.com/success',
        'failureUrl' => 'https://shop.example.com/failure',
        'webhookUrl' => 'http://127.0.0.1:9/webhook',
        'locale' => 'en-GB',
        'paymentMethods' => ['credit-card', 'vipps-mobilepay'],
        'expirationPeriod' => 'PT30M',
        'order_lines' => [
            ['type' => 'physical', 'merchant_order_line_id' => 'line-1', 'name' => 'Widget', 'quantity' => 2,
                'amount' => 1495, 'currency' => 'EUR', 'vat_percentage' => 2100],
            ['type' => 'shipping_fee', 'merchant_order_line_id' => 'line-2', 'name' => 'Shipping', 'quantity' => 1,
                'amount' => 500, 'currency' => 'EUR', 'vat_percentage' => 2100],
        ],
        'customer' => ['first_name' => 'Ada', 'last_name' => 'Rossi', 'email_address' => 'ada@example.com'],
        'transactions' => [['payment_method' => 'credit-card']],
    ]);
    want('merchantOrderId', $order['merchantOrderId'], 'ORDER-001');
    want('returnUrl', $order['returnUrl'], 'https://shop.example.com/success');
    want('number of transactions', count($order['transactions']), 1);
    wantText('paymentUrl', $order['transactions'][0]['paymentUrl']);
});

step('read an order', static function () use ($client, $minimal): void {
    $order = $client->getOrder($minimal['id']);
    want('order', $order, $minimal);
});

$id = step('generate a payment URL', static function () use ($client, $webhookUrl): string {
    $result = $client->generatePaymentUrl(['amount' => 1295, 'currency' => 'EUR', 'webhookUrl' => $webhookUrl]);
    wantText('orderUrl', $result['orderUrl']);
    want('signature', $client->verifySignature(1295, 'EUR', $result['orderId'], $result['signature']), true);

    return $result['orderId'];
});

step('pay, and verify the webhook', static function () use ($client, $base, $server, $id): void {
    pay($base, $id);
    $verified = $client->verifyWebhook(takeWebhook($server));
    want('orderId', $verified['orderId'], $id);
    want('status', $verified['order']['status'], 'completed');
    want('isFinal', $verified['isFinal'], true);
    wantText('completed', $verified['order']['completed']);
});

step('refund a part', static function () use ($client, $server, $id): void {
    $refund = $client->createRefund($id, 500, 'Damaged item');
    want('amount', $refund['amount'], 500);
    want('status', $refund['status'], 'completed');
    want('whether the refund has an id of its own', $refund['id'] !== $id, true);
    want('status of the refund read', $client->getOrder($refund['id'])['status'], 'completed');
    takeWebhook($server); // of the order
    takeWebhook($server); // of the refund
});

step('refund the rest, without a description', static function () use ($client, $id): void {
    want('amount', $client->createRefund($id, 795)['amount'], 795);
});

step('refund too much', static function () use ($client, $id): void {
    refused(400, true, static fn () => $client->createRefund($id, 1));
});

$reserve = static function () use ($client, $base): array {
    $order = $client->createOrder([
        'amount' => 1295,
        'currency' => 'EUR',
        'transactions' => [['payment_method' => 'credit-card', 'capture_mode' => 'manual']],
    ]);
    pay($base, $order['id']);

    return [$order['id'], $order['transactions'][0]['id']];
};

step('capture', static function () use ($client, $reserve): void {
    [$order, $transaction] = $reserve();
    want('status', $client->captureTransaction($order, $transaction)['status'], 'completed');
    refused(400, true, static fn () => $client->captureTransaction($order, $transaction));
});

step('void', static function () use ($client, $reserve): void {
    [$order, $transaction] = $reserve();
    want('status', $client->voidTransaction($order, $transaction, 295)['status'], 'completed');
    want('status', $client->voidTransaction($order, $transaction, 1000, 'The rest')['status'], 'completed');
    refused(400, true, static fn () => $client->captureTransaction($order, $transaction));
});

step('an order that is not valid', static function () use ($client): void {
    refused(400, true, static fn () => $client->createOrder(['amount' => 0, 'currency' => 'EUR']));
});

step('an unknown order', static function () use ($client): void {
    refused(404, true, static fn () => $client->getOrder('unknown'));
});

step('a wrong key', static function () use ($base, $id): void {
    $stranger = new NoPayn\NoPaynClient(['apiKey' => 'wrong', 'merchantId' => 'sdkcheck', 'baseUrl' => $base]);
    refused(401, false, static fn () => $stranger->getOrder($id)); // the SDK has no word for this shape of error
});
