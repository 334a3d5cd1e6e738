# frozen_string_literal: true

# Uses the official Ruby SDK, unmodified, against a sandbox gateway. See run.sh.
#
#   ruby driver.rb BASE-URL API-KEY PATH-OF-THE-SDK

require "net/http"
require "socket"
require "timeout"
require "uri"

abort "usage: ruby driver.rb BASE-URL API-KEY PATH-OF-THE-SDK" if ARGV.length != 3
BASE, KEY, SDK = ARGV

$LOAD_PATH.unshift(File.join(SDK, "lib"))
require "nopayn"

# The SDK calls this, which Ruby has from 3.2 on; 3.1 is supported too by its own word.
unless URI.respond_to?(:encode_uri_component)
  URI.define_singleton_method(:encode_uri_component) { |text| encode_www_form_component(text).gsub("+", "%20") }
end

CARD = "4111111111111111"

def want(what, got, wanted)
  raise "#{what} is #{got.inspect}, want #{wanted.inspect}" unless got == wanted
end

def want_text(what, got)
  raise "#{what} is #{got.inspect}, want a text" unless got.is_a?(String) && !got.empty?
end

# Runs a step and prints its line; the first that fails ends the program.
def step(name)
  result = yield
  puts "ok      #{name}"
  result
rescue StandardError => e
  puts "FAILED  #{name}: #{e.message}"
  exit 1
end

# Fills in the hosted page's form for an order.
def pay(id)
  form = { method: "credit-card", number: CARD, expiry: "12 / #{(Time.now.year + 2) % 100}", cvc: "123" }
  answer = Net::HTTP.post_form(URI("#{BASE}/pay/#{id}/select-payment-method/"), form)
  want("status of the payment form", answer.code, "303")
end

# Takes one webhook, acknowledges it, and returns its body.
def take_webhook(server)
  Timeout.timeout(10) do
    peer = server.accept
    length = 0
    while (line = peer.gets.to_s.chomp) != ""
      length = line.split(":", 2).last.to_i if line.downcase.start_with?("content-length:")
    end
    body = peer.read(length)
    peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    peer.close
    body
  end
end

# Runs a call that the gateway must refuse, and checks what the SDK makes of it.
def refused(status, named: true)
  yield
rescue NoPayn::ApiError => e
  want("status", e.status_code, status)
  want("whether the error has a text", !e.message.include?("Unknown error"), named)
else
  raise "it was not refused"
end

client = NoPayn::Client.new(api_key: KEY, merchant_id: "sdkcheck", base_url: BASE)
server = TCPServer.new("127.0.0.1", 0)
webhook_url = "http://127.0.0.1:#{server.addr[1]}/webhook"

minimal = step("create an order, minimal") do
  order = client.create_order(amount: 1295, currency: "EUR")
  want("status", order.status, "new")
  want("amount", order.amount, 1295)
  want("currency", order.currency, "EUR")
  want("transactions", order.transactions, [])
  %i[id order_url created modified].each { |name| want_text(name, order[name]) }
  order
end

step("create an order, full") do
  order = client.create_order(
    amount: 3490, currency: "EUR", merchant_order_id: "ORDER-001", description: "Two widgets and shipping",
    return_url: "https://shop.example.com/success", failure_url: "https://shop.example.com/failure",
    webhook_url: "http://127.0.0.1:9/webhook", locale: "en-GB", expiration_period: "PT30M",
    payment_methods: %w[credit-card vipps-mobilepay],
    order_lines: [
      { type: "physical", merchant_order_line_id: "line-1", name: "Widget", quantity: 2, amount: 1495,
        currency: "EUR", vat_percentage: 2100 },
      { type: "shipping_fee", merchant_order_line_id: "line-2", name: "Shipping", quantity: 1, amount: 500,
        currency: "EUR", vat_percentage: 2100 }
    ],
    customer: { first_name: "Ada", last_name: "Rossi", email_address: "ada@example.com" },
    transactions: [{ payment_method: "credit-card" }]
  )
  want("merchant_order_id", order.merchant_order_id, "ORDER-001")
  want("return_url", order.return_url, "https://shop.example.com/success")
  want("number of transactions", order.transactions.length, 1)
  want_text("payment_url", order.transactions.first.payment_url)
end

step("read an order") { want("order", client.get_order(minimal.id), minimal) }

id = step("generate a payment URL") do
  result = client.generate_payment_url(amount: 1295, currency: "EUR", webhook_url: webhook_url)
  want_text("order_url", result.order_url)
  want("signature", client.verify_signature(1295, "EUR", result.order_id, result.signature), true)
  result.order_id
end

step("pay, and verify the webhook") do
  pay(id)
  verified = client.verify_webhook(take_webhook(server))
  want("order_id", verified.order_id, id)
  want("status", verified.order.status, "completed")
  want("is_final", verified.is_final, true)
  want_text("completed", verified.order.completed)
end

step("refund a part") do
  refund = client.create_refund(id, 500, description: "Damaged item")
  want("amount", refund.amount, 500)
  want("status", refund.status, "completed")
  want("whether the refund has an id of its own", refund.id != id, true)
  want("status of the refund read", client.get_order(refund.id).status, "completed")
  2.times { take_webhook(server) } # of the order, and of the refund
end

step("refund the rest, without a description") { want("amount", client.create_refund(id, 795).amount, 795) }

step("refund too much") { refused(400) { client.create_refund(id, 1) } }

reserve = lambda do
  order = client.create_order(amount: 1295, currency: "EUR",
                              transactions: [{ payment_method: "credit-card", capture_mode: "manual" }])
  pay(order.id)
  [order.id, order.transactions.first.id]
end

step("capture") do
  order, transaction = reserve.call
  captured = client.capture_transaction(order, transaction)
  want("status", captured.status, "completed")
  want("amount", captured.amount, 1295)
  refused(400) { client.capture_transaction(order, transaction) }
end

step("void") do
  order, transaction = reserve.call
  want("status", client.void_transaction(order, transaction, amount: 295).status, "completed")
  voided = client.void_transaction(order, transaction, amount: 1000, description: "The rest")
  want("status", voided.status, "completed")
  refused(400) { client.capture_transaction(order, transaction) }
end

step("an order that is not valid") { refused(400) { client.create_order(amount: 0, currency: "EUR") } }

step("an unknown order") { refused(404) { client.get_order("unknown") } }

step("a wrong key") do
  stranger = NoPayn::Client.new(api_key: "wrong", merchant_id: "sdkcheck", base_url: BASE)
  refused(401, named: false) { stranger.get_order(id) } # the SDK has no word for this shape of error
end
