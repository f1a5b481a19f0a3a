package io.concordcache.annotations.cdi;

class OpenWebBeansTest extends AnnotationsContract {
    @Override
    Container container() {
        return Container.OPENWEBBEANS;
    }
}
