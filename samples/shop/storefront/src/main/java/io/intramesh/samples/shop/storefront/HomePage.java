package io.intramesh.samples.shop.storefront;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.springframework.web.util.HtmlUtils;

/** The one page of the shop. */
final class HomePage {
    private HomePage() {}

    static String of(List<ShopController.Item> items) {
        return """
                <!doctype html>
                <html lang="en">
                <head>
                  <meta charset="utf-8">
                  <title>Shop</title>
                  <style>
                    body { font: 16px/1.5 system-ui, sans-serif; margin: 3rem auto; max-width: 42rem }
                    table { border-collapse: collapse; width: 100% }
                    td, th { border-bottom: 1px solid #ddd; padding: .4rem; text-align: left }
                    form { display: inline }
                  </style>
                </head>
                <body>
                  <h1>Shop</h1>
                  <table>
                    <tr><th>Goods</th><th>Price</th><th>Left</th><th></th></tr>
                """ + items.stream().map(HomePage::row).collect(Collectors.joining()) + """
                  </table>
                  <p>The mesh refuses these:
                    <form method="post" action="/refund"><button>ask for a refund</button></form>
                    <form method="get" action="/offers"><button>see offers</button></form>
                    <form method="post" action="/shortcut"><button>pay without an order</button></form>
                    <form method="get" action="/books"><button>see everybody's orders</button></form>
                  </p>
                </body>
                </html>
                """;
    }

    private static String row(ShopController.Item item) {
        return String.format(
                Locale.ROOT,
                """
                    <tr><td>%1$s</td><td>%2$d.%3$02d</td><td>%4$d</td><td>
                      <form method="post" action="/checkout?sku=%5$s"><button>buy</button></form>
                      <form method="post" action="/checkout?sku=%5$s&amp;beta=true"><button>buy with the beta</button></form>
                    </td></tr>
                """,
                HtmlUtils.htmlEscape(item.name()),
                item.cents() / 100,
                item.cents() % 100,
                item.left(),
                HtmlUtils.htmlEscape(item.sku()));
    }
}
