package io.concordcache.examples.shop;

import java.util.List;
import org.hibernate.SessionFactory;
import org.hibernate.StatelessSession;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;

/** The shop's tables, and which of them a key of a trace stands for: its upper five bits are the type of the object. */
final class Database {
    static final List<Class<?>> ENTITIES =
            List.of(Stock.class, Price.class, Customer.class, PurchaseOrder.class, Product.class);

    private static final int TYPE_SHIFT = 27;

    private Database() {}

    static SessionFactory open(String url, String store) {
        MetadataSources sources = new MetadataSources(new StandardServiceRegistryBuilder()
                // tag::settings[]
                .applySetting("hibernate.cache.region.factory_class", "concord")
                .applySetting("hibernate.cache.concord.uri", store)
                .applySetting("hibernate.cache.concord.max-entries", "unlimited")
                // end::settings[]
                .applySetting("hibernate.connection.url", url)
                .applySetting("hibernate.hbm2ddl.auto", "update")
                .applySetting("hibernate.generate_statistics", "true")
                .build());
        ENTITIES.forEach(sources::addAnnotatedClass);
        return sources.buildMetadata().buildSessionFactory();
    }

    static Class<?> entity(int key) {
        return switch (key >>> TYPE_SHIFT) {
            case 0 -> ENTITIES.get(key % ENTITIES.size()); // keys that were made up have no type
            case 17 -> Stock.class;
            case 18 -> Price.class;
            case 20 -> Customer.class;
            case 21 -> PurchaseOrder.class;
            default -> Product.class;
        };
    }

    static long id(int key) {
        return Integer.toUnsignedLong(key);
    }

    static void insert(StatelessSession session, int key) {
        Class<?> entity = entity(key);
        if (entity == Stock.class) {
            Stock stock = new Stock();
            stock.id = id(key);
            session.insert(stock);
        } else if (entity == Price.class) {
            Price price = new Price();
            price.id = id(key);
            session.insert(price);
        } else if (entity == Customer.class) {
            Customer customer = new Customer();
            customer.id = id(key);
            session.insert(customer);
        } else if (entity == PurchaseOrder.class) {
            PurchaseOrder order = new PurchaseOrder();
            order.id = id(key);
            session.insert(order);
        } else {
            Product product = new Product();
            product.id = id(key);
            session.insert(product);
        }
    }
}
